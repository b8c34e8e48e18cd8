// Hugging Face tokenizers (npm `tokenizers`, native) as the peer of the tokenizer bench.
// usage: node --expose-gc tokenizers.mjs MODULE_FOLDER TOKENIZER_JSON TEXTS_JSONL BATCH
// Texts: one JSON string per line. Commands come one per line on stdin, each is answered by one line of JSON:
//   gate FILE      encodes every text and writes its ids: number of ids, then the ids, as little-endian 32-bit integers
//   round FROM TO  encodes the texts FROM..TO-1; the clock runs inside encodeBatch alone, the objects it made are freed off the clock
//   ids FROM TO    the same, and the ids are read out of the objects on the clock
import fs from 'node:fs';
import readline from 'node:readline';
import { createRequire } from 'node:module';

const [moduleFolder, tokenizerFile, textsFile, batchSize] = process.argv.slice(2);
const { Tokenizer } = createRequire(moduleFolder + '/')('tokenizers');
const tokenizer = Tokenizer.fromFile(tokenizerFile);
const texts = [];
for await (const line of readline.createInterface({ input: fs.createReadStream(textsFile) })) {
  texts.push(JSON.parse(line));
}

const batch = Number(batchSize);

async function gate(file) {
  const output = fs.openSync(file, 'w');
  for (let i = 0; i < texts.length; i += batch) {
    const encodings = await tokenizer.encodeBatch(texts.slice(i, i + batch), { addSpecialTokens: true });
    const rows = encodings.flatMap(encoding => {
      const ids = encoding.getIds();
      return [ids.length, ...ids];
    });
    fs.writeSync(output, Int32Array.from(rows));
    globalThis.gc();
  }
  fs.closeSync(output);
  return {};
}

async function round(from, to, readIds) {
  let [wall, cpu, tokens] = [0n, 0, 0];
  for (let i = from; i < to; i += batch) {
    const some = texts.slice(i, Math.min(to, i + batch));
    const [start, spent] = [process.hrtime.bigint(), process.cpuUsage()];
    const encodings = await tokenizer.encodeBatch(some, { addSpecialTokens: true });
    if (readIds) {
      for (const encoding of encodings) {
        tokens += encoding.getIds().length;
      }
    }
    const used = process.cpuUsage(spent);
    wall += process.hrtime.bigint() - start;
    cpu += used.user + used.system;
    globalThis.gc();
  }
  return { wall: Number(wall) / 1e9, cpu: cpu / 1e6, tokens };
}

console.log(JSON.stringify({ texts: texts.length }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, ...rest] = line.split(' ');
  const answer = command === 'gate' ? await gate(rest.join(' ')) : await round(Number(rest[0]), Number(rest[1]), command === 'ids');
  console.log(JSON.stringify(answer));
}
