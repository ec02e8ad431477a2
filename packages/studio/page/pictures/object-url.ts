import { useEffect, useState } from 'preact/hooks';

/** Milliseconds in which an image that has just got another address may still be loading the one before. */
const LOADING = 10_000;

/** An address for bytes, as long as they are shown. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (blob === undefined) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => void setTimeout(() => URL.revokeObjectURL(made), LOADING);
  }, [blob]);
  return url;
}
