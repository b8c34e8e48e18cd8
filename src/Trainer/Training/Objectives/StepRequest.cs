namespace Trainer.Training.Objectives;

/// <summary>One step of a phase.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">Optimizer steps of the whole training before this one: what dropout and masks are drawn by.</param>
/// <param name="PhaseStep">Optimizer steps of the phase before this one.</param>
/// <param name="Epoch">Epoch of the phase.</param>
/// <param name="Rows">Rows of the batch, as indices into the training set.</param>
/// <param name="MiniBatch">Texts that go through the encoder at once, at most.</param>
public sealed record StepRequest(long Seed, int Step, int PhaseStep, int Epoch, int[] Rows, int MiniBatch)
{
    /// <summary>Seed of what a part of the step draws: a function of run, step, column and mini-batch alone.</summary>
    /// <param name="column">What is read: queries, passages, ...</param>
    /// <param name="miniBatch">Which mini-batch of it.</param>
    public long SeedOf(string column, int miniBatch) => (long)SplitMix64.Key(Seed, $"step:{Step}:{column}:{miniBatch}");
}
