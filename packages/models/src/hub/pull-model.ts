import { join } from 'node:path';
import { LascauxError, check } from '@lascaux/nn';
import { isComplete, repositoryCache, type RepositoryCache } from './cache-layout.js';
import { checkedPath } from './checked-path.js';
import { notedFiles, noteFiles, shownFiles } from './commit-files.js';
import type { FetchOptions } from './download-all.js';
import { externalData } from './external-data.js';
import { fetchIntoCache } from './fetch-into-cache.js';
import { fetchIntoFolder } from './fetch-into-folder.js';
import { asOneLine } from './file-error.js';
import { HubUnavailable } from './hub-error.js';
import { hubClient, type HubClient } from './hub-fetch.js';
import { resolveHubSettings, type HubOptions } from './hub-settings.js';
import { listRepository, resolveCommit, type RepositoryFile } from './listing.js';
import { isCommit, parseRepositoryId, type RepositoryId } from './repository-id.js';
import { isGraph, selectFiles, type FileChoice, type SelectedFiles } from './select-files.js';

/** How a model is pulled. */
export interface PullOptions extends HubOptions, FileChoice {
  /** Branch, tag or commit; wins over one within the id. */
  readonly revision?: string;
  /** A plain folder to fill instead of the cache. */
  readonly out?: string;
  /** Told when something has to be downloaded, before it begins. */
  readonly onStart?: (plan: PullPlan) => void;
  /** Told how many bytes of the plan are there. */
  readonly onProgress?: (bytes: number) => void;
  /** Remarks for the user, one line each. */
  readonly onNote?: (line: string) => void;
}

/** What is to be downloaded. */
export interface PullPlan {
  /** `owner/name@revision`. */
  readonly repository: string;
  readonly files: number;
  /** Bytes of all needed files that are not in the cache. */
  readonly bytes: number;
}

/** A model that is on this machine. */
export interface PulledModel {
  /** The folder that holds the model. */
  readonly folder: string;
  readonly name: string;
  readonly revision: string;
  /** The commit that the revision is. */
  readonly commit: string;
  /** Whether it can be run as it is (`onnx`) or has to be converted first (`weights`). */
  readonly format: SelectedFiles['format'];
  /** Paths within the repository. */
  readonly files: readonly string[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** Bytes that came over the network in this call. */
  readonly downloaded: number;
}

/**
 * Brings a model of the hub onto this machine, into the cache that Python's huggingface_hub uses too, or into a folder:
 * only the files that running it needs. What is there already is not downloaded again. While the hub cannot be reached,
 * the cache serves if it is complete.
 * @param id `owner/name` or `owner/name@revision`
 * @throws LascauxError in one line; the signal's reason when it is aborted.
 */
export async function pullModel(id: string, options: PullOptions = {}): Promise<PulledModel> {
  const settings = await resolveHubSettings(options);
  const repository = parseRepositoryId(id, { revision: options.revision, operation: 'hub' });
  const label = `${repository.name}@${repository.revision}`;
  const cache = repositoryCache(settings.cacheFolder, repository.name);
  const pull: Pull = { repository, label, cache, options, client: hubClient(settings, label) };
  return pullFrom(pull).catch((error: unknown) => {
    throw asOneLine(error, label);
  });
}

async function pullFrom(pull: Pull): Promise<PulledModel> {
  const { repository, options, client } = pull;
  const cached = await findCached(pull);
  const decided = cached?.whole === true && isCommit(repository.revision) && options.out === undefined;
  if (client.settings.offline || decided) return fromCache(pull, cached);
  const found = await askHub(pull, cached);
  return found === undefined ? fromCache(pull, cached) : fromHub(pull, found);
}

/** What the steps of one pull share. */
interface Pull {
  readonly repository: RepositoryId;
  readonly label: string;
  readonly cache: RepositoryCache;
  readonly options: PullOptions;
  readonly client: HubClient;
}

/** What the cache holds of the commit that the revision was last time. */
interface Cached {
  readonly commit: string;
  readonly selected: SelectedFiles;
  /** Paths of needed files that are not there. */
  readonly missing: readonly string[];
  readonly whole: boolean;
}

/** What a revision is on the hub. */
interface FilesOfCommit {
  readonly commit: string;
  readonly files: readonly RepositoryFile[];
}

async function findCached({ repository, label, cache, options, client }: Pull): Promise<Cached | undefined> {
  const commit = await cache.readRef(repository.revision);
  if (commit === undefined) return undefined;
  const noted = await notedFiles(cache, commit);
  const files = noted ?? (await shownFiles(cache, commit));
  const snapshot = cache.snapshot(commit);
  try {
    const { format, files: certain } = checkedSelection(files, options, label);
    const graphsMissing = await missingFrom(
      snapshot,
      certain.filter(({ path }) => isGraph(path)),
    );
    const external = graphsMissing.length > 0 ? NOTHING : await externalData(certain, files, snapshot);
    const selected = { format, files: [...certain, ...external.files] };
    const missing = [...(await missingFrom(snapshot, selected.files)).map(({ path }) => path), ...external.absent];
    return { commit, selected, missing, whole: missing.length === 0 };
  } catch (error) {
    // Another program may have fetched a part of it; what else there is, only the hub knows.
    if (noted !== undefined && client.settings.offline) throw error;
    return undefined;
  }
}

const NOTHING = { files: [], absent: [] };

async function missingFrom(folder: string, files: readonly RepositoryFile[]): Promise<RepositoryFile[]> {
  const complete = await Promise.all(files.map(({ path, size }) => isComplete(join(folder, path), size)));
  return files.filter((_, index) => complete[index] !== true);
}

async function fromCache(pull: Pull, cached: Cached | undefined): Promise<PulledModel> {
  const { client, cache, options, label } = pull;
  if (cached?.whole !== true) {
    const names = cached?.missing ?? [];
    const rest = names.length > 3 ? ` and ${names.length - 3} more files` : '';
    const what = cached === undefined ? 'the model' : `${names.slice(0, 3).join(', ')}${rest}`;
    throw new LascauxError({
      operation: label,
      rule: `offline, and the cache in ${client.settings.cacheFolder} lacks ${what}`,
    });
  }
  const { commit, selected } = cached;
  const snapshot = cache.snapshot(commit);
  const { out } = options;
  if (out !== undefined) await fetchIntoFolder(selected.files, { out, snapshot }, fetchOptions(pull, commit));
  return describe(pull, { commit, selected, folder: out ?? snapshot, downloaded: 0 });
}

/** The commit and its files as the hub says; undefined when it cannot be asked and the cache has all that is needed. */
async function askHub(pull: Pull, cached: Cached | undefined): Promise<FilesOfCommit | undefined> {
  const { repository, cache, client, options } = pull;
  const { name, revision } = repository;
  try {
    const commit = isCommit(revision) ? revision : await resolveCommit(quickClient(pull, cached), name, revision);
    const noted = cached?.commit === commit ? await notedFiles(cache, commit) : undefined;
    return { commit, files: noted ?? (await listRepository(client, name, commit)) };
  } catch (error) {
    if (!(error instanceof HubUnavailable) || cached?.whole !== true) throw error;
    options.onNote?.(`${error.message}; the copy in the cache is used (commit ${cached.commit.slice(0, 8)})`);
    return undefined;
  }
}

/** The graphs come first, for only they know where their weights are. */
async function fromHub(pull: Pull, { commit, files }: FilesOfCommit): Promise<PulledModel> {
  const { repository, cache, options, label } = pull;
  const { format, files: certain } = checkedSelection(files, options, label);
  const snapshot = cache.snapshot(commit);
  const folder = options.out ?? snapshot;
  let downloaded = 0;
  let written = false;

  async function bring(wanted: readonly RepositoryFile[]): Promise<void> {
    const { out } = options;
    const shared = fetchOptions(pull, commit);
    const missing = out === undefined ? await missingFrom(snapshot, wanted) : wanted;
    if (missing.length === 0) return;
    if (!written && out === undefined) await noteFiles(cache, commit, files);
    written = true;
    downloaded +=
      out === undefined
        ? await fetchIntoCache(missing, cache, shared)
        : await fetchIntoFolder(missing, { out, snapshot }, shared);
  }

  const graphs = certain.filter(({ path }) => isGraph(path));
  await bring(graphs);
  const external = await externalData(certain, files, folder);
  check(external.absent.length === 0, {
    operation: label,
    rule: 'a graph keeps its weights in a file that the repository has not',
    value: external.absent[0],
  });
  const selected = { format, files: [...certain, ...external.files] };
  for (const { path } of external.files) checkedPath(path, label);
  await bring(selected.files);
  if (options.out === undefined) {
    // These only save questions later: a cache that is complete but may not be written to serves as it is.
    const remembered = async (): Promise<void> => {
      if ((await notedFiles(cache, commit)) === undefined) await noteFiles(cache, commit, files);
      await cache.writeRef(repository.revision, commit);
    };
    await remembered().catch((error: unknown) => {
      if (written) throw error;
    });
  }
  return describe(pull, { commit, selected, folder, downloaded });
}

/** Where a complete copy is at hand, the hub is asked once and not waited for. */
function quickClient({ client, label }: Pull, cached: Cached | undefined): HubClient {
  const { settings } = client;
  if (cached?.whole !== true) return client;
  return hubClient({ ...settings, retry: { ...settings.retry, attempts: 1 } }, label);
}

function checkedSelection(files: readonly RepositoryFile[], choice: FileChoice, label: string): SelectedFiles {
  const selected = selectFiles(files, choice, label);
  for (const { path } of selected.files) checkedPath(path, label);
  return selected;
}

const fetchOptions = ({ repository, options, client, label }: Pull, commit: string): FetchOptions => ({
  name: repository.name,
  commit,
  client,
  onStart: (files, bytes) => options.onStart?.({ repository: label, files, bytes }),
  onProgress: options.onProgress,
  onNote: options.onNote,
});

function describe(
  { repository }: Pull,
  {
    commit,
    selected,
    folder,
    downloaded,
  }: { commit: string; selected: SelectedFiles; folder: string; downloaded: number },
): PulledModel {
  const bytes = selected.files.reduce((sum, { size }) => sum + size, 0);
  const files = selected.files.map(({ path }) => path).sort();
  return { folder, ...repository, commit, format: selected.format, files, bytes, downloaded };
}
