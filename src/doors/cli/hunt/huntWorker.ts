/** A worker thread of a hunt: prepares the same hunt as the main thread and runs the searches that it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { parseFormula } from '../../../model/formulas/parseFormula.ts';
import { InputError } from '../../../model/schemas/inputError.ts';
import { Hunt } from '../../../studies/hunt/hunt.ts';
import type { Answer, HuntWork, Job } from './messages.ts';

const { formula, spec } = workerData as HuntWork;
const hunt = new Hunt(parseFormula(formula.value, formula.file), spec);

function answer(job: Job): Answer {
  try {
    return { result: hunt.search(job) };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
}

parentPort!.on('message', (job: Job) => parentPort!.postMessage(answer(job)));
