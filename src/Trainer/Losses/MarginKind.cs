namespace Trainer.Losses;

/// <summary>How a guide's margin lies below its similarity s of a query and its positive.</summary>
public enum MarginKind
{
    /// <summary>Threshold s - margin.</summary>
    Absolute,

    /// <summary>Threshold s - |s| · margin: below s for negative similarities, too.</summary>
    Relative,
}
