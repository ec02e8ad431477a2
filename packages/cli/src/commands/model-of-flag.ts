import { resolveModel, type ResolveOptions } from '@lascaux/models';
import { convertProgress } from './convert-progress.js';
import { downloadProgress } from './download-progress.js';
import type { Terminal } from './terminal.js';

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
  const download = downloadProgress(terminal);
  const conversion = convertProgress(terminal);
  const shown = { ...download.options, onConvert: conversion.update, signal: terminal.signal };
  try {
    return await resolveModel(model, { ...options, ...shown });
  } finally {
    download.stop();
    conversion.stop();
  }
}
