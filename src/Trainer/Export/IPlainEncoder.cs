namespace Trainer.Export;

/// <summary>An encoder of a Hugging Face folder in plain C#.</summary>
interface IPlainEncoder : IDisposable
{
    /// <summary>Width of the hidden states, D.</summary>
    int Width { get; }

    /// <summary>Hidden states of the last layer, texts end to end: (T, D).</summary>
    float[] States(IReadOnlyList<int[]> texts, int threads, CancellationToken cancellationToken);
}
