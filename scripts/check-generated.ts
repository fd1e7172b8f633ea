/** Fails when a generated file differs from what its generator writes now. The files are left as the generator writes them. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';

const files = [
  ...globSync('src/apis/*/types.ts'),
  'src/apimachinery/meta/types.ts',
  ...globSync('src/kubelet/runtimes/cri/generated/*.ts'),
];
const before = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
execFileSync(process.execPath, ['scripts/generate-types.ts'], { stdio: 'inherit' });
execFileSync('npm', ['run', '--silent', 'generate:cri'], { stdio: 'inherit' });
const stale = files.filter((file) => before.get(file) !== readFileSync(file, 'utf8'));
for (const file of stale)
  console.error(`${file} was stale: commit what 'npm run generate' and 'npm run generate:cri' write`);
if (stale.length > 0) process.exitCode = 1;
else console.log('generated: every file is what its generator writes');
