import { convertModel } from '@lascaux/pipeline';
import { rmSync } from 'node:fs';
for (const f of ['sd1', 'sd2', 'sdxl', 'inpainting', 'lcm']) {
  rmSync(`/tmp/zz-rt/${f}-converted`, { recursive: true, force: true });
  try {
    const r = await convertModel({ model: `/tmp/zz-rt/${f}`, out: `/tmp/zz-rt/${f}-converted` });
    console.log(f, Object.keys(r.components).join(), r.left);
  } catch (e) {
    console.log(f, (e as Error).stack);
  }
}
