// Encodes texts with Hugging Face tokenizers (npm `tokenizers`, native).
// usage: node huggingface.js MODULE_FOLDER TOKENIZER_JSON TEXTS_JSONL IDS_JSONL [types]
// Texts: one JSON string per line, or an array of two for a pair. Ids: one JSON array per line, special tokens included; of [ids, type ids] with "types".
const [moduleFolder, tokenizerFile, textsFile, idsFile, types] = process.argv.slice(2);
const fs = require('fs');
const { Tokenizer } = require(moduleFolder + '/node_modules/tokenizers');

(async () => {
  const tokenizer = Tokenizer.fromFile(tokenizerFile);
  const texts = fs.readFileSync(textsFile, 'utf8').split('\n').filter(line => line).map(line => JSON.parse(line));
  const ids = [];
  for (let i = 0; i < texts.length; i += 1000) {
    const some = texts.slice(i, i + 1000);
    const encodings = Array.isArray(some[0])
      ? await Promise.all(some.map(([first, second]) => tokenizer.encode(first, second, { addSpecialTokens: true })))
      : await tokenizer.encodeBatch(some, { addSpecialTokens: true });
    for (const encoding of encodings) {
      ids.push(JSON.stringify(types ? [encoding.getIds(), encoding.getTypeIds()] : encoding.getIds()));
    }
  }
  fs.writeFileSync(idsFile, ids.join('\n') + '\n');
})();
