namespace Trainer.Losses;

/// <summary>Losses of whole batches.</summary>
public static class WholeBatch
{
    /// <summary>The loss of all rows.</summary>
    public static LossValue Compute(this ILoss loss, LossInputs inputs) => loss.Compute(inputs, inputs.AllRows);
}
