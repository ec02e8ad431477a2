// The command line as a process, from sources.
import { main } from '../../src/cli.js';

process.exitCode = await main(process.argv.slice(2));
