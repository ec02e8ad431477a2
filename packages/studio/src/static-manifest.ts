/** A file of a model, as a page fetches and checks it. */
export interface ManifestFile {
  /** Beginning at the model: `unet/model.onnx`. */
  readonly path: string;
  readonly bytes: number;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
}

/** A model that lies beside a page. */
export interface ManifestModel {
  readonly name: string;
  /** Its folder, seen from the page. */
  readonly folder: string;
  readonly files: readonly ManifestFile[];
}

/** What a page is told about the folder that it came in: `manifest.json`. */
export interface StaticManifest {
  readonly models: readonly ManifestModel[];
  /** The folder with ONNX Runtime's WebAssembly, seen from the page. */
  readonly runtime: string;
}
