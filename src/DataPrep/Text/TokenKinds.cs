using DataPrep.Text.Bpe;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text;

/// <summary>What a vocabulary's entries are to one who masks or cuts texts that are ids already.</summary>
/// <param name="StartsWord">Whether an id starts a word, by id: WordPiece's without "##", Unigram's with "▁", byte-level BPE's with "Ġ". The first id of a text starts one whatever it is.</param>
/// <param name="Special">Whether an id is a special token's, by id.</param>
/// <param name="MaskId">The mask token's id; -1 where the vocabulary has none.</param>
public sealed record TokenKinds(bool[] StartsWord, bool[] Special, int MaskId)
{
    const char Space = 'Ġ', Metaspace = '▁';

    static readonly string[] Names = [.. WordPieceModel.SpecialTokens, "<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>", "<|padding|>", "<|pad|>"];

    /// <summary>The kinds of a tokenizer's entries. One of another sort than the three that files are read of counts every id as a word.</summary>
    public static TokenKinds Of(ITokenizer tokenizer)
    {
        var (starts, special) = (new bool[tokenizer.VocabularySize], new bool[tokenizer.VocabularySize]);
        Array.Fill(starts, true);
        switch (tokenizer)
        {
            case WordPieceTokenizer { Model: var model }:
                Words(model.Pieces.Index(), piece => !piece.StartsWith(model.ContinuationPrefix, StringComparison.Ordinal));
                Specials(model.AddedTokens, [.. model.Prefix, .. model.Suffix]);
                break;
            case UnigramTokenizer { Model: var model }:
                Words(model.Pieces.Select(p => (string?)p.Text).Index(), piece => piece.StartsWith(model.Mark));
                Specials(model.AddedTokens, [.. model.Single.Prefix, .. model.Single.Suffix, model.UnknownId]);
                break;
            case BpeTokenizer { Model: var model }:
                Words(model.Pieces.Select(p => (p.Value, (string?)p.Key)), piece => piece[0] is Space or Metaspace);
                Specials(model.AddedTokens, [.. model.Single.Prefix, .. model.Single.Suffix]);
                break;
        }

        foreach (var name in Names)
        {
            Mark(tokenizer.IdOf(name));
        }

        var mask = tokenizer.IdOf("[MASK]");
        return new TokenKinds(starts, special, mask >= 0 ? mask : tokenizer.IdOf("<mask>"));

        void Words(IEnumerable<(int Id, string? Piece)> pieces, Func<string, bool> first)
        {
            foreach (var (id, piece) in pieces)
            {
                starts[id] = string.IsNullOrEmpty(piece) || first(piece);
            }
        }

        void Specials(IReadOnlyList<AddedToken> tokens, int[] more)
        {
            foreach (var token in tokens)
            {
                starts[token.Id] = true;
                if (token.Special)
                {
                    Mark(token.Id);
                }
            }

            Array.ForEach(more, Mark);
        }

        void Mark(int id)
        {
            if (id >= 0 && id < special.Length)
            {
                (special[id], starts[id]) = (true, true);
            }
        }
    }
}
