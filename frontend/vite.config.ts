import { defineConfig } from "vitest/config";

// The development server forwards the API and its WebSocket to a running holdfast.
const server = process.env.HOLDFAST_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    // Everything hashed lands in dist/assets, which the server marks as immutable.
    assetsDir: "assets",
    // The content security policy admits neither inline scripts nor data: outside of images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
    },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "node",
  },
});
