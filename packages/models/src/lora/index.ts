export { mergeLoras, type LoraChoice, type ReplacedWeights } from './merge-lora.js';
