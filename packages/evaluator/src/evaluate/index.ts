// Judging as calls: plain options in, a typed result out, nothing printed. Why: docs/decisions/0149.
export type { AlphaRule } from './decode-picture.js';
export type {
  ClipModelOptions,
  EvaluationNotice,
  EvaluationOptions,
  EvaluationProgress,
  EvaluationSet,
  FeatureOptions,
  SetPair,
} from './evaluation-options.js';
export type {
  EvaluatedSet,
  EvaluationCurve,
  EvaluationResult,
  EvaluationValue,
  ExtractorFacts,
  ResultOf,
  SetKind,
  SkippedPicture,
} from './evaluation-result.js';
export { evaluateAccuracy, type AccuracyOptions } from './metrics/accuracy.js';
export { evaluateClipScore, type ClipScoreOptions } from './metrics/clip-score.js';
export { evaluateCmmd, type CmmdOptions } from './metrics/cmmd.js';
export { evaluateFid, saveStatistics, type FidOptions } from './metrics/fid.js';
export { evaluateInceptionScore, type InceptionScoreOptions } from './metrics/inception-score.js';
export { evaluateKid, type KidOptions } from './metrics/kid.js';
export {
  evaluatePrecisionRecall,
  type PrecisionRecallNumber,
  type PrecisionRecallOptions,
} from './metrics/precision-recall.js';
export type { AutoencoderNll, BoundTerms } from './nll/autoencoder.js';
export type { JointNll, JointStop } from './nll/joint.js';
export type { LatentNll, LatentTerms, StratumTerm } from './nll/latent.js';
export { jointTerms, latentTerms, type NamedTerms } from './nll/named-terms.js';
export { evaluateNll, type NllOptions } from './nll/nll.js';
export { nllReport } from './nll/report.js';
export { nllConventions, nllParts, type NllPart, type NllPicture, type NllResult } from './nll/result.js';
export type { NllTerm } from './nll/term.js';
export { evaluationReport } from './report/evaluation-report.js';
