using Workflow.Stages;

namespace Workflow.Tests.Runs;

/// <summary>A stage that does something first.</summary>
sealed class HookedStage(IStage stage, Action before) : IStage
{
    public string Name => stage.Name;

    public string Version => stage.Version;

    public Type OptionsType => stage.OptionsType;

    public IReadOnlyList<InputSlot> Inputs => stage.Inputs;

    public IReadOnlyList<string> Outputs => stage.Outputs;

    public bool ChildProcess => stage.ChildProcess;

    public IReadOnlyList<StagePartition> Partition(object options, PlanContext plan) => stage.Partition(options, plan);

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        before();
        return stage.RunAsync(context, cancellationToken);
    }
}
