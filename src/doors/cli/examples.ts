/** What the help of each command ends with: something to type that works. */

/** Arguments behind `npx systole`, by command. */
export const EXAMPLES = {
  run: 'run -c HI3 -t resnet50 --top 10',
  check: 'check -c HI3 -t resnet18',
  validate: 'validate published roofline -c HI1,HI2,HI3 -t resnet18',
  verify: 'verify --cases 100',
  'critical-path': 'critical-path -c HI3 -t resnet50',
  explain: 'explain -c HI3 -t resnet50 --layer layer4.0.conv2',
  hunt: 'hunt roofline --operations conv --cases 2000 -o /tmp/systole-hunt',
  diff: 'diff -- "-c HI2 -t resnet18" "-c HI3 -t resnet18"',
  sweep: 'sweep table-VIII-64x64 -o /tmp/systole-sweep',
  worker: 'worker --queue redis://node1:6379',
  dram: 'dram --dram HBM2 --rule test/dram/random.json',
  paper: 'paper VI --format csv',
  import: 'import resnet50 --summary',
  export: 'export astra-sim -c HT3 -t resnet18 -o /tmp/resnet18.txt',
  trace: 'trace -c HI3 -t resnet18 -o /tmp/trace.html',
  list: 'list layers -t resnet18 -c HI3',
} as const;

/** The end of a command's help. */
export function exampleInWords(command: keyof typeof EXAMPLES): string {
  return `\nExample:\n  npx systole ${EXAMPLES[command]}\n`;
}
