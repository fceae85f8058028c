// Printing one part of the page instead of the whole picture.

const ALONE = "printed-alone";

/** Print a copy of an element; the rest of the page stays off the paper. */
export function printAlone(element: HTMLElement): void {
  const copy = element.cloneNode(true) as HTMLElement;
  // Ids stand once in a page.
  for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
  copy.classList.add(ALONE);
  document.body.append(copy);
  const tidy = () => {
    copy.remove();
    removeEventListener("afterprint", tidy);
  };
  addEventListener("afterprint", tidy);
  window.print();
}
