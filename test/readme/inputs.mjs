// What the examples of the READMEs ask for, in miniature; run in their folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { writePng } from '@lascaux/data';
import { featureMatrix, writeFeatures } from '@lascaux/evaluator';
import { randomStream } from '@lascaux/nn';

const random = randomStream(1);
const SIDE = 16;

/** Images of one colour each, with captions. */
async function writeImages(folder, count) {
  await mkdir(folder);
  for (let i = 0; i < count; i++) {
    const colour = [40 * (i % 6), 255 - 3 * i, 4 * i];
    const pixels = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, k) => colour[k % 3]);
    await writePng(`${folder}/${i}.png`, pixels, { width: SIDE, height: SIDE });
    await writeFile(`${folder}/${i}.txt`, `colour ${i % 6}`);
  }
}

for (const folder of ['images', 'painted', 'real']) await writeImages(folder, 60);
for (const name of ['generated.npy', 'real.npy'])
  await writeFeatures(name, featureMatrix(Float32Array.from(random.normal(1000 * 8)), 8));
