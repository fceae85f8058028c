// Whoever does something says a name first; the log keeps it.
import { data } from "./data.svelte";

class NameQuestion {
  isOpen = $state(false);
  #answer: ((given: boolean) => void) | null = null;

  ask(): Promise<boolean> {
    this.#answer?.(false);
    this.isOpen = true;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  close(given: boolean): void {
    this.isOpen = false;
    this.#answer?.(given);
    this.#answer = null;
  }
}

export const question = new NameQuestion();

/** Ask for a name, or another one. False: the person gave none. */
export const askName = (): Promise<boolean> => question.ask();

/** True once there is a name; asks for it if there is none. */
export async function requireName(): Promise<boolean> {
  return data.user !== null || (await askName());
}
