using System.Text;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>
/// Reads a SentencePiece model (sentencepiece_model.proto) into the tokenizer that XLM-R has: SentencePiece starts with &lt;unk&gt; &lt;s&gt; &lt;/s&gt;, XLM-R, like fairseq, with
/// &lt;s&gt; &lt;pad&gt; &lt;/s&gt; &lt;unk&gt;, so every other id is one higher; &lt;mask&gt; comes last.
/// </summary>
sealed class SentencePieceReader(string path)
{
    const int Unigram = 1;

    readonly List<UnigramPiece> pieces = [];
    readonly List<TextNormalizer> normalizers = [];
    ulong modelType = Unigram;
    bool byteFallback;
    bool addPrefix = true;

    public UnigramModel Model(ReadOnlySpan<byte> file)
    {
        var message = new ProtobufReader(file, path);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    AddPiece(message.Bytes);
                    break;
                case 2:
                    ReadTrainer(message.Bytes);
                    break;
                case 3:
                    ReadNormalizer(message.Bytes);
                    break;
                default:
                    break;
            }
        }

        if (modelType != Unigram)
        {
            throw new DataPrepException($"{path}: trainer_spec.model_type is {modelType}. Expected {Unigram}, Unigram: BPE, word and character models are not supported.");
        }

        if (pieces.Count < 3 || pieces[0].Text != "<unk>" || pieces[1].Text != "<s>" || pieces[2].Text != "</s>")
        {
            throw new DataPrepException(
                $"{path} starts with the pieces {string.Join(", ", pieces.Take(3).Select(static piece => $"\"{piece.Text}\""))} of {pieces.Count}. Expected \"<unk>\", \"<s>\", \"</s>\", as XLM-R's has; other models are read from their tokenizer.json.");
        }

        return XlmRoberta();
    }

    UnigramModel XlmRoberta()
    {
        normalizers.Add(new ReplaceNormalizer(null, " "));
        UnigramPiece[] all = [new("<s>", 0), new("<pad>", 0), new("</s>", 0), new("<unk>", 0), .. pieces.Skip(3), new("<mask>", 0)];
        return new UnigramModel
        {
            Pieces = UnigramPieces.Check(all, path),
            UnknownId = 3,
            ByteFallback = byteFallback,
            AddedTokens = [.. Enumerable.Range(0, 4).Select(id => new AddedToken(id, all[id].Text)), new AddedToken(all.Length - 1, "<mask>", LeftStrip: true)],
            Single = new TokenTemplate([0], [], [2]),
            Pair = new TokenTemplate([0], [2, 2], [2]),
            Normalizers = normalizers,
            Prepend = addPrefix ? PrependScheme.Always : PrependScheme.Never,
        };
    }

    void AddPiece(ReadOnlySpan<byte> bytes)
    {
        if (pieces.Count == UnigramPieces.Most)
        {
            throw new DataPrepException($"{path} has more than {UnigramPieces.Most} pieces. Expected at most that many.");
        }

        var message = new ProtobufReader(bytes, $"{path}: piece {pieces.Count}");
        var (text, score) = (string.Empty, 0f);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                text = System.Text.Unicode.Utf8.IsValid(message.Bytes)
                    ? Encoding.UTF8.GetString(message.Bytes)
                    : throw new DataPrepException($"{path}: piece {pieces.Count} is no UTF-8. Expected a UTF-8 string.");
            }
            else if (message.Field == 2)
            {
                score = message.Single;
            }
        }

        pieces.Add(new UnigramPiece(text, score));
    }

    void ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtobufReader(bytes, $"{path}: trainer_spec");
        while (message.Next())
        {
            if (message.Field == 3)
            {
                modelType = message.Number;
            }
            else if (message.Field == 35)
            {
                byteFallback = message.Number != 0;
            }
        }
    }

    void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtobufReader(bytes, $"{path}: normalizer_spec");
        while (message.Next())
        {
            if (message.Field == 2 && !message.Bytes.IsEmpty)
            {
                if (normalizers.Count > 0)
                {
                    throw new DataPrepException($"{path} has two maps normalizer_spec.precompiled_charsmap. Expected one.");
                }

                normalizers.Add(new CharsMapNormalizer(new CharsMap(message.Bytes, $"{path}: normalizer_spec.precompiled_charsmap")));
            }
            else if (message.Field == 3)
            {
                addPrefix = message.Number != 0;
            }
        }
    }
}
