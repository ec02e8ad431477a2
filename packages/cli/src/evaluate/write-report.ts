import { renderReport, type ReportPage } from '@lascaux/evaluator';
import { check, writeFileAtomically } from '@lascaux/nn';
import { checkWritable } from '../commands/output-paths.js';

/** Checks `--report` before anything slow runs. @throws LascauxError (usage) when the file cannot be written or is no page */
export async function checkReport(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  check(/\.html?$/i.test(path), { operation: '--report', rule: 'must end in .html', value: path, kind: 'usage' });
  await checkWritable([path], '--report');
}

/** Writes a report page. */
export async function writeReport(path: string, page: ReportPage): Promise<void> {
  await writeFileAtomically(path, renderReport(page));
}
