using Workflow.Stages;

namespace Workflow.Tests.Runs.Acts;

/// <summary>A stage of which one partition waits until it is let go.</summary>
sealed class HeldStage(IStage stage, string partition, TaskCompletionSource reached, Task released) : IStage
{
    public string Name => stage.Name;

    public string Version => stage.Version;

    public Type OptionsType => stage.OptionsType;

    public IReadOnlyList<InputSlot> Inputs => stage.Inputs;

    public IReadOnlyList<string> Outputs => stage.Outputs;

    public bool ChildProcess => stage.ChildProcess;

    public IReadOnlyList<StagePartition> Partition(object options, PlanContext plan) => stage.Partition(options, plan);

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        if (context.Partition?.Key == partition)
        {
            reached.TrySetResult();
            await released.WaitAsync(cancellationToken);
        }

        await stage.RunAsync(context, cancellationToken);
    }
}
