namespace Trainer.Encoders.Pretrained;

/// <summary>What is put before texts.</summary>
/// <param name="Query">Before every query.</param>
/// <param name="Passage">Before every passage.</param>
public sealed record ModelPrompts(string Query, string Passage)
{
    /// <summary>Nothing.</summary>
    public static ModelPrompts None { get; } = new("", "");
}
