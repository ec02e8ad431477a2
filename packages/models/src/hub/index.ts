export { pullModel, type PulledModel, type PullOptions, type PullPlan } from './pull-model.js';
export { secureFetch } from './secure-fetch.js';
