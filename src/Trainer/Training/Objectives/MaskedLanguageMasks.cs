using DataPrep.Text;

namespace Trainer.Training.Objectives;

/// <summary>Which tokens of a text are to be found again, and what stands in their places: a function of seed, step and text alone, so that any step can be done again.</summary>
public sealed class MaskedLanguageMasks
{
    readonly TokenKinds _kinds;
    readonly MaskedLanguageOptions _options;
    readonly int[] _ordinary;

    /// <param name="kinds">The tokenizer's entries.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="TrainerException">The tokenizer has no mask token or no ordinary one, or the shares are more than all.</exception>
    public MaskedLanguageMasks(TokenKinds kinds, MaskedLanguageOptions options)
    {
        (_kinds, _options) = (kinds, options);
        _ordinary = [.. Enumerable.Range(0, kinds.Special.Length).Where(id => !kinds.Special[id])];
        if (kinds.MaskId < 0 || _ordinary.Length == 0)
        {
            throw new TrainerException(
                $"Masked-language training needs a mask token; the tokenizer's {kinds.Special.Length} entries have no [MASK] or <mask>{(_ordinary.Length == 0 ? ", and none that is not special" : "")}. Take a model whose tokenizer has one.");
        }

        if (options.MaskShare + options.RandomShare > 1 + 1e-12)
        {
            throw new TrainerException($"mask_share {options.MaskShare} and random_share {options.RandomShare} add up to {options.MaskShare + options.RandomShare}; expected at most 1.");
        }
    }

    /// <summary>Draws the tokens of a text and changes them. Each word or token is drawn by itself, as Hugging Face's collator does; random tokens are ordinary ones, as a special one (padding) would be read as such.</summary>
    /// <param name="ids">Ids of the text, special ones included; changed.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">Optimizer steps before this one.</param>
    /// <param name="text">The text's index.</param>
    /// <returns>Places drawn, ascending.</returns>
    public IReadOnlyList<int> Apply(Span<long> ids, long seed, int step, int text)
    {
        var random = new SplitMix64(SplitMix64.Key(seed, $"mask:{step}:{text}"));
        var places = new List<int>();
        for (int start = 0, end; start < ids.Length; start = end)
        {
            end = start + 1;
            if (_kinds.Special[ids[start]])
            {
                continue;
            }

            while (_options.WholeWords && end < ids.Length && !_kinds.StartsWord[ids[end]])
            {
                end++;
            }

            if (random.NextDouble() >= _options.Probability)
            {
                continue;
            }

            for (var at = start; at < end; at++)
            {
                places.Add(at);
                var fate = random.NextDouble();
                ids[at] = fate < _options.MaskShare ? _kinds.MaskId : fate < _options.MaskShare + _options.RandomShare ? _ordinary[random.Below(_ordinary.Length)] : ids[at];
            }
        }

        return places;
    }
}
