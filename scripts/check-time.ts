/**
 * Fails when a file of src/ other than apimachinery/clock.ts and random.ts reads the time, sets a timer or draws chance
 * by itself: these come in through constructors, so that a whole cluster can run on virtual time from a seed.
 */
import { globSync, readFileSync } from 'node:fs';

const BANNED =
  /\b(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|Math\.random\(|performance\.now\(|Temporal\.Now\b)/;
const EXEMPT = new Set(['src/apimachinery/clock.ts', 'src/apimachinery/random.ts']);
let broken = 0;
for (const file of globSync('src/**/*.ts')) {
  if (EXEMPT.has(file) || file.endsWith('.test.ts') || file.includes('/testing/')) continue;
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const found = BANNED.exec(line);
      if (found === null || /^\s*(\*|\/\/)/.test(line)) return;
      console.error(
        `${file}:${index + 1} uses ${found[0]}: take a Clock or a Random through the constructor`,
      );
      broken += 1;
    });
}
if (broken > 0) process.exitCode = 1;
else console.log('time: only apimachinery/clock and random look at the machine');
