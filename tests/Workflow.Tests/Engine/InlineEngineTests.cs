using Workflow.Engine;

namespace Workflow.Tests.Engine;

public sealed class InlineEngineTests : JobEngineContract
{
    private protected override IJobEngine Create() => new InlineEngine(Clock);
}
