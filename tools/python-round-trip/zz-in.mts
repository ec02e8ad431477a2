import { TextToImagePipeline } from '@lascaux/pipeline';
import { readCase } from '/work/main/tools/python-round-trip/src/case-file.ts';
import { paintCase } from '/work/main/tools/python-round-trip/src/paint-case.ts';
import { psnr } from '/work/main/tools/python-round-trip/src/psnr.ts';
import { readdirSync } from 'node:fs';
const [dir, suffix = '-onnx', ...only] = process.argv.slice(2);
for (const f of readdirSync(dir).filter((n) => n.endsWith('.safetensors'))) {
  if (only.length && !only.some((o) => f.startsWith(o))) continue;
  const c = await readCase(`${dir}/${f}`);
  try {
    const p = await TextToImagePipeline.fromPretrained(`${dir}/${c.model}${suffix}`);
    console.log(f, psnr(await paintCase(p, c), c.pixels).toFixed(2));
    await p.dispose();
  } catch (e) {
    console.log(f, String(e).slice(0, 300));
  }
}
