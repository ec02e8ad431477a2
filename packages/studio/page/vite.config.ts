import { readdirSync, readFileSync } from 'node:fs';
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

/** What of others is in the page and in its worker: licence texts by name and version. */
const licences = new Map<string, string>();

/** Licences ask for their text beside copies; Vite's own list knows nothing of workers, which are built before the page is written. */
const licencesBeside = (isPage: boolean): Plugin => ({
  name: 'licences-beside',
  generateBundle(_, bundle) {
    for (const output of Object.values(bundle))
      for (const id of output.type === 'chunk' ? Object.keys(output.modules) : []) noteLicence(id);
    const source = [...licences].sort(([a], [b]) => a.localeCompare(b)).map(([name, text]) => `# ${name}\n\n${text}\n`);
    if (isPage) this.emitFile({ type: 'asset', fileName: 'licences.md', source: source.join('\n') });
  },
});

function noteLicence(id: string): void {
  const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
  if (folder === undefined) return;
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
  const text = file === undefined ? '' : readFileSync(`${folder}/${file}`, 'utf8').trim();
  licences.set(`${name} ${version} (${license})`, text);
}

// The page is a folder of files that any web host serves, at any address: every path in it is relative.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'error',
  plugins: [versionInside, nothingOfNode, licencesBeside(true)],
  resolve: { conditions: ['@lascaux/source', 'onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [versionInside, nothingOfNode, licencesBeside(false)] },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
});
