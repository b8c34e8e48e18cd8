// Trains byte-level BPE with Hugging Face tokenizers' default trainer (30000 entries, every pair) and GPT-2's words.
// usage: node train.js MODULE_FOLDER TEXT_FILE TOKENIZER_JSON
const [moduleFolder, textFile, tokenizerFile] = process.argv.slice(2);
const { BPE, Tokenizer, byteLevelPreTokenizer } = require(moduleFolder + '/node_modules/tokenizers');

const tokenizer = new Tokenizer(BPE.empty());
tokenizer.setPreTokenizer(byteLevelPreTokenizer(false, true));
tokenizer.train([textFile]);
tokenizer.save(tokenizerFile);
