/**
 * How much is read of files that anybody may have written, so that none of them takes more than seconds or a gigabyte. Each limit lies well
 * above the largest real file of its kind, which stands beside it. Counted in bytes unless a name says otherwise.
 * Why: docs/decisions/0119.
 */
export const limits = {
  /** Configurations have kilobytes; the index of a checkpoint in shards has up to a megabyte. */
  configBytes: 4 * 2 ** 20,
  /** Brackets within brackets: eight in a `tokenizer.json`. */
  jsonDepth: 64,
  /** Values, keys not counted, in one JSON document: 0.8 million in Gemma's `tokenizer.json`. */
  jsonValues: 4_000_000,
  /** `vocab.json` of CLIP: 1 MB; `tokenizer.json` of Gemma: 35 MB. */
  tokenizerBytes: 48 * 2 ** 20,
  /** Tokens, or merges, of a vocabulary of CLIP, which has 49,408. */
  tokens: 200_000,
  /** 100 bytes a tensor, and the notes of trainers; the reference implementation stops at 100 MB. */
  safetensorsHeaderBytes: 32 * 2 ** 20,
  /** Tensors, or storages, of one file: SDXL's single file has 2,515. */
  tensors: 100_000,
  /** Tensors of a whole model in one file: 2,515 in SDXL's. */
  checkpointTensors: 20_000,
  /** Axes of a tensor: NumPy's own limit. */
  tensorAxes: 64,
  /** Characters of a tensor's name. */
  tensorName: 1000,
  /** Operations of a pickle and the elements that they copy: 0.1 million in a checkpoint of SDXL. */
  pickleOperations: 1_000_000,
  /** Bytes of the pickle, or pickles, of a checkpoint: they name tensors. */
  pickleBytes: 2 ** 28,
  /** Dictionaries in dictionaries of a checkpoint, as in `{"state_dict": {…}}`. */
  stateDictDepth: 8,
  /** Objects of a checkpoint that are looked at for tensors. */
  stateDictObjects: 1_000_000,
  /** The directory of a zip archive: 100 bytes a storage. */
  zipDirectoryBytes: 32 * 2 ** 20,
  /** All arrays that are read of an `.npz` archive: covariance of 4,096 features in float64, or 50,000 rows of 1,024 in float32. */
  npzBytes: 2 ** 28,
  /** A `.npy` file, which has the size that its header says: 50,000 rows of 2,048 in float32 are 0.4 GB. */
  npyBytes: 2 ** 31 - 1,
  /** A packed tar (`.tar.gz`), which is unpacked into memory. */
  packedTarBytes: 384 * 2 ** 20,
  /** Zeros in a row between the files of a tar: 10 kB behind an archive, and what tapes make of them. */
  tarPaddingBytes: 4 * 2 ** 20,
  /** Text fields of a sample in a tar, and names in its extended headers. */
  tarTextBytes: 2 ** 20,
  /** Archives that a brace pattern names: LAION-2B has 231,350. */
  archives: 1_000_000,
  /** Brace ranges in one pattern. */
  braceRanges: 16,
  /** `metadata.jsonl` and `metadata.csv`: 200 bytes for each of a million images. */
  metadataBytes: 2 ** 28,
  /** Rows of a metadata file. */
  metadataRows: 1_000_000,
  /** Values of all rows together: sixteen columns of as many rows. */
  metadataValues: 16_000_000,
  /** `metadata.parquet`, which is packed. */
  parquetBytes: 2 ** 31,
  /** A text file of any other kind; JavaScript's strings end at about as many letters. */
  textBytes: 2 ** 29 - 2 ** 10,
  /** A caption file beside an image. */
  captionBytes: 2 ** 20,
  /** What `N_name` of a folder may repeat: larger numbers are dates and years. */
  folderRepeats: 1000,
  /** The file of an image. */
  imageFileBytes: 2 ** 29,
  /** What decoding takes, of one image and of all that are decoded at once: 111 million pixels of RGB; medium format has 102, and Pillow warns at 89. */
  imageMemoryBytes: 320 * 2 ** 20,
  /** Pixels of a bitmap (BMP, PBM, PGM, PPM), which is in memory whole, three times: as a file, decoded, and as what comes out. */
  bitmapPixels: 56_000_000,
  /** The file of a bitmap: 53 megapixels of 16 bits a sample. */
  bitmapFileBytes: 320 * 2 ** 20,
  /** All texts inside an image, once they are inflated: a workflow of ComfyUI has up to a megabyte. */
  imageTextBytes: 16 * 2 ** 20,
  /** Chunks of a PNG before the first of its pixels: a dozen in files of cameras. */
  pngChunks: 1000,
  /** Characters of a settings text that is taken apart. */
  settingsText: 2 ** 18,
  /** Characters of one JSON value in a settings text. */
  settingsValue: 100_000,
  /** The packed word list of a model, and its text: 150,000 words have 1.3 and 4 MB. */
  wordListBytes: 16 * 2 ** 20,
  wordListTextBytes: 64 * 2 ** 20,
  /** Links that are followed from a node of a workflow in ComfyUI. */
  workflowLinks: 20,
  /** Files and folders of a repository on the hub, which has some hundreds. */
  repositoryFiles: 100_000,
  /** All answers about one repository: as many entries of 300 bytes. */
  hubAnswerBytes: 32 * 2 ** 20,
  /** Pages of its list, of 1,000 entries each where they are many. */
  hubPages: 1000,
  /** Redirects in a row, as in the fetch standard. */
  redirects: 20,
} as const;
