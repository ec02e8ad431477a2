import {
  nearestPictures,
  type FeatureMatrix,
  type NearestPicture,
  type PictureCard,
  type ReportPicture,
  type ReportSection,
} from '../../index.js';
import type { EvaluatedSet } from '../evaluation-result.js';
import { embedPicture } from './embed-picture.js';
import { evenly, thinned } from './thinned.js';

/** Pairs in each gallery, and pictures in each grid. */
const [PAIRS, GRID] = [12, 65];
/** Pictures of a set that neighbours are looked for among: the work grows with the product of both. */
const SEARCHED = 4096;

/** A set whose features and pictures are both at hand. */
interface Gallery {
  readonly features: FeatureMatrix;
  readonly card: (index: number) => Promise<ReportPicture>;
  readonly name: (index: number) => string;
}

/** The pictures nearest to and farthest from the other set, both ways round. Empty unless both sets have features and pictures. */
export async function neighbourSections(sets: readonly EvaluatedSet[]): Promise<ReportSection[]> {
  const [generated, real] = [galleryOf(sets[0]), galleryOf(sets[1])];
  if (generated === undefined || real === undefined) return [];
  const found = nearestPictures(generated.features, real.features);
  const missed = nearestPictures(real.features, generated.features).reverse();
  const near = distinct(found);
  const far = distinct(found.filter((pair) => !near.includes(pair)).reverse());
  const how = 'Euclidean distance in the features that the numbers above were computed in.';
  return [
    {
      kind: 'pictures',
      title: 'Nearest to the real set',
      lead: `Left a generated picture, right the real one nearest to it: the pairs that lie closest, each real one once. Copies would show here. ${how}`,
      groups: [{ cards: await pairs(near, generated, real) }],
    },
    {
      kind: 'pictures',
      title: 'Farthest from the real set',
      lead: 'Generated pictures whose nearest real picture is farthest away: where to look for what went wrong. Each real picture once.',
      groups: [{ cards: await pairs(far, generated, real) }],
    },
    {
      kind: 'pictures',
      title: 'What the generator misses',
      lead: 'Left a real picture, right the generated one nearest to it: those that nothing generated comes near. Each generated one once.',
      groups: [{ cards: await pairs(distinct(missed), real, generated) }],
    },
  ].filter(({ groups }) => groups[0]!.cards.length > 0) as ReportSection[];
}

/** The first pairs, each with another partner: near copies of one picture would fill a gallery otherwise. */
function distinct(found: readonly NearestPicture[]): NearestPicture[] {
  const partners = new Set<number>();
  return found.filter(({ nearest }) => !partners.has(nearest) && partners.add(nearest).size > 0).slice(0, PAIRS);
}

/** A grid of pictures of each set, evenly drawn. */
export async function gridSection(sets: readonly EvaluatedSet[]): Promise<ReportSection[]> {
  const groups = await Promise.all(
    sets.map(async (set) => {
      const { picture, names, path } = set;
      if (picture === undefined) return undefined;
      const indices = evenly(names?.length ?? set.count ?? 0, GRID);
      const cards = await Promise.all(
        indices.map(async (index): Promise<PictureCard> => {
          const name = names?.[index] ?? `picture ${index}`;
          return { pictures: [await embedPicture(await picture(index), name)], caption: name };
        }),
      );
      return { label: path, cards, dense: true };
    }),
  );
  const there = groups.filter((group) => group !== undefined && group.cards.length > 0) as {
    label: string;
    cards: PictureCard[];
  }[];
  if (there.length === 0) return [];
  const lead = there.length > 1 ? 'Evenly drawn from each set, not chosen.' : 'Evenly drawn from the set, not chosen.';
  return [{ kind: 'pictures', title: 'At random', lead, groups: there }];
}

function galleryOf(set: EvaluatedSet | undefined): Gallery | undefined {
  if (set?.features === undefined || set.picture === undefined) return undefined;
  const { picture, names } = set;
  const { features, indices } = thinned(set.features, SEARCHED);
  const name = (index: number): string => names?.[indices[index]!] ?? `picture ${indices[index]!}`;
  return { features, name, card: async (index) => embedPicture(await picture(indices[index]!), name(index)) };
}

function pairs(found: readonly NearestPicture[], from: Gallery, to: Gallery): Promise<PictureCard[]> {
  return Promise.all(
    found.map(async ({ index, nearest, distance }) => ({
      pictures: [await from.card(index), await to.card(nearest)],
      figure: distance.toPrecision(3),
      caption: `${from.name(index)} · ${to.name(nearest)}`,
    })),
  );
}
