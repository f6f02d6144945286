import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function nearestPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : nearestPackage(dirname(folder));
}

/** The folder that holds `hw/` and `workloads/`, wherever the build has put the file that asks. */
export const PACKAGE_ROOT = nearestPackage(dirname(fileURLToPath(import.meta.url)));
