/** Builds the page as one file: dist/page/index.html with its script and style inside. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** Puts the built script and style into the page, so that it opens from disk without fetching anything. */
function inlineAssets(): Plugin {
  return {
    name: 'inline-assets',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('index.html is not in the bundle');
      let html = String(page.source).replace(/\s*<(script|link)[^>]*(src|href)="[^"]*"[^>]*>(<\/script>)?/g, '');
      for (const [name, file] of Object.entries(bundle)) {
        if (file === page) continue;
        const isScript = file.type === 'chunk';
        const text = isScript ? file.code.replaceAll('</script', '<\\/script') : String(file.source);
        const element = isScript ? `<script type="module">${text}</script>\n  ` : `<style>${text}</style>\n  `;
        html = html.replace('</head>', () => `${element}</head>`);
        delete bundle[name];
      }
      page.source = html;
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'warn',
  plugins: [inlineAssets()],
  build: {
    outDir: fileURLToPath(new URL('../../../../dist/page', import.meta.url)),
    emptyOutDir: true,
    modulePreload: false,
    target: 'es2022',
  },
});
