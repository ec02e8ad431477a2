import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** In Node.js the version is read from a file; here it is written into the page. */
const versionInside: Plugin = {
  name: 'version-inside',
  load: (id) =>
    /\/nn\/(?:src|dist)\/version\.[jt]s$/.test(id) ? `export const VERSION = ${JSON.stringify(version)};` : null,
};

/** Vite gives a browser nothing for modules of Node.js, silently: what is left of them after shaking would fail there. */
const nothingOfNode: Plugin = {
  name: 'nothing-of-node',
  generateBundle(_, bundle) {
    for (const output of Object.values(bundle))
      if (output.type === 'chunk')
        for (const [id, { renderedLength }] of Object.entries(output.modules))
          if (id.includes('__vite-browser-external') && renderedLength > 0)
            this.error(`${output.fileName} needs ${id}, which browsers do not have`);
  },
};

// The page is a folder of files that any web host serves, at any address: every path in it is relative.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'error',
  plugins: [versionInside, nothingOfNode],
  resolve: { conditions: ['@lascaux/source', 'onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [versionInside, nothingOfNode] },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
});
