// Pulls `owner/name` with the options given as JSON and prints the result as JSON; run by tests as a process of its own.
import { pullModel, type PullOptions } from '../../src/hub/pull-model.js';

process.stdout.write(JSON.stringify(await pullModel('owner/name', JSON.parse(process.argv[2]!) as PullOptions)));
