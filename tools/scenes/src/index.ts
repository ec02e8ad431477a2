export { joinArt, STYLES, type JoinedEmoji, type Style } from './art.js';
export { attribution } from './attribution.js';
export { captionOf } from './caption.js';
export { drawOver, type Canvas, type Drawing, type Placement } from './composite.js';
export { EVERYDAY, type NounRow } from './everyday.js';
export { rasterise } from './drawing.js';
export { findFaintLooks, visibleShare, type FaintLooks } from './faint.js';
export { GROUNDS, groundNamed, PLAIN_GROUND, type Ground } from './grounds.js';
export { heldOutLooks, lookKey, LOOKS, type Look } from './heldout.js';
export { loadNouns, type Noun } from './nouns.js';
export { SceneOptions, type SceneOptionsInput } from './options.js';
export { createRenderer, type Renderer } from './render.js';
export {
  createSceneMaker,
  type Item,
  type Relation,
  type Scene,
  type SceneKind,
  type SceneMaker,
  type Split,
} from './scene.js';
export { FULL_SIDES, HALF_SIDES, openAtlas, type Atlas } from './painter/atlas.js';
export { recolour, THING_COLOURS, type ThingColour } from './painter/colours.js';
export { painterEmojis } from './painter/nouns.js';
export { paintScene } from './painter/paint.js';
export {
  aloneScene,
  boxesOf,
  painterScene,
  type PainterScene,
  type PlacedDrawing,
  type SceneShares,
  type SceneSource,
} from './painter/scene.js';
export { painterCaption, PLAIN_STYLE, type CaptionSource } from './painter/caption.js';
export { RELATIONS } from './painter/scene.js';
export { THUMBNAIL_LENGTH, THUMBNAIL_SIDE, thumbnails, type Thumbnails } from './painter/thumbnails.js';
export { paintedWords } from './painter/words/known-words.js';
export { commonWords, loadLexicon, normalWord, type Lexicon, type Word } from './painter/words/lexicon.js';
export { LOCALES, type Locale } from './painter/words/locales.js';
export { loadPhrases, type Phrases } from './painter/words/phrases.js';
export { faintness, isHeldOut } from './painter/split.js';
export { sceneSet, type SceneSetOptions } from './painter/scene-set.js';
export { pluralOf } from './cldr.js';
export { englishPlural, plural, singular, withArticle } from './words.js';
export { writeScenes, type WriteOptions } from './write.js';
