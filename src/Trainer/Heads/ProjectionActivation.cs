namespace Trainer.Heads;

/// <summary>What follows a projection's linear map.</summary>
public enum ProjectionActivation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>The hyperbolic tangent, component by component.</summary>
    Tanh,
}
