using Workflow.Stages;

namespace FaultHost;

/// <summary>A stage whose work is a delegate.</summary>
public sealed class FakeStage(string name, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, Func<StageContext, FakeOptions, CancellationToken, Task> work) : IStage
{
    public string Name => name;

    public string Version { get; init; } = "1";

    public bool ChildProcess { get; init; }

    public bool EnvironmentSensitive { get; init; }

    public Func<FakeOptions, PlanContext, IReadOnlyList<StagePartition>>? Partitions { get; init; }

    public Type OptionsType => typeof(FakeOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [.. inputs.Select(i => new InputSlot(i, [i]))];

    public IReadOnlyList<string> Outputs => outputs;

    public IReadOnlyList<StagePartition> Partition(object options, PlanContext plan) => Partitions?.Invoke((FakeOptions)options, plan) ?? [];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken) => work(context, (FakeOptions)context.Options, cancellationToken);
}
