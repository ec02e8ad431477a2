import { resolveModel, type ResolveOptions } from '@lascaux/models';
import { convertProgress } from './convert-progress.js';
import { downloadProgress } from './download-progress.js';
import type { Terminal } from './terminal.js';

/** Shows how a model of the hub is downloaded, and converted where it has weights only. */
export function hubDisplay(terminal: Terminal): {
  readonly options: Pick<ResolveOptions, 'onStart' | 'onProgress' | 'onNote' | 'onConvert'>;
  readonly stop: () => void;
} {
  const download = downloadProgress(terminal);
  const conversion = convertProgress(terminal);
  return {
    options: { ...download.options, onConvert: conversion.update },
    stop: () => {
      download.stop();
      conversion.stop();
    },
  };
}

/**
 * The folder of a model that a command was given; one of the hub is downloaded first, and converted where it has weights only,
 * while a bar shows how far that is.
 * @throws LascauxError of {@link resolveModel}.
 */
export async function modelOfFlag(
  model: string | undefined,
  terminal: Terminal,
  options: Pick<ResolveOptions, 'option' | 'offline' | 'variant' | 'also' | 'autoencoder'> = {},
): Promise<string> {
  const display = hubDisplay(terminal);
  return resolveModel(model, { ...options, ...display.options, signal: terminal.signal }).finally(display.stop);
}
