using DataPrep.Text.Unigram;

namespace DataPrep.Text.Bpe;

/// <summary>Text to normalized words, with the room of one thread.</summary>
abstract class WordReader(BpeModel model)
{
    readonly WordStep[] steps = [.. model.Words];
    readonly WordScratch[] rooms = [.. model.Words.Select(static _ => new WordScratch())];
    CharBuffer current = new();
    CharBuffer next = new();

    /// <summary>Whether no more words are wanted.</summary>
    protected abstract bool IsFull { get; }

    /// <summary>Takes a word of one character or more.</summary>
    protected abstract void Word(ReadOnlySpan<char> word);

    /// <summary>Normalized text, valid until the next call.</summary>
    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        foreach (var normalizer in model.Normalizers)
        {
            next.Clear();
            if (normalizer.Apply(text, next))
            {
                (current, next) = (next, current);
                text = current.Text;
            }
        }

        return text;
    }

    /// <summary>Gives the words of normalized text.</summary>
    /// <param name="text">Normalized text.</param>
    /// <param name="first">Whether it begins where the whole text does.</param>
    protected void Words(ReadOnlySpan<char> text, bool first) => Words(0, text, first);

    void Words(int depth, ReadOnlySpan<char> text, bool first)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (steps.Length == 0)
        {
            Word(text);
            return;
        }

        var (step, room) = (steps[depth], rooms[depth]);
        text = step.Begin(text, first, room);
        for (var position = 0; !IsFull && step.Next(text, room, ref position, out var start, out var end);)
        {
            if (depth + 1 == steps.Length)
            {
                Word(text[start..end]);
            }
            else
            {
                Words(depth + 1, text[start..end], first && start == 0);
            }
        }
    }
}
