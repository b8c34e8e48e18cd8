namespace DataPrep.Text.Bpe;

/// <summary>How often each word, as its pre-tokenizer cuts it, occurs in texts.</summary>
sealed class BpeWordCounter(BpeModel model) : TextCounter
{
    readonly Reader reader = new(model);

    protected override void Add(string text) => reader.Add(text);

    protected override void MergeInto(Dictionary<string, long> merged) => reader.Counts.MergeInto(merged);

    sealed class Reader(BpeModel model) : WordReader(model)
    {
        public SpanCounts Counts { get; } = new();

        protected override bool IsFull => false;

        public void Add(string text) => Words(Normalize(WellFormed.Of(text)), true);

        protected override void Word(ReadOnlySpan<char> word) => Counts.Add(word);
    }
}
