namespace Trainer.Encoders;

/// <summary>Which side of retrieval a text is on: encoders may weigh or prompt the two differently.</summary>
public enum TextRole
{
    /// <summary>What is searched.</summary>
    Passage,

    /// <summary>What is asked.</summary>
    Query,
}
