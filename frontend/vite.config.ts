import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The page is served by the Python server and travels in its wheel.
export default defineConfig({
  plugins: [svelte()],
  base: "./",
  build: { outDir: "../src/lightkeeper/web/static", emptyOutDir: true, assetsInlineLimit: 0 },
  server: { proxy: { "/api": "http://127.0.0.1:8640", "/public": "http://127.0.0.1:8640" } },
});
