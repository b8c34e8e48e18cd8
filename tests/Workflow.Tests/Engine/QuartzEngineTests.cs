using Workflow.Engine;

namespace Workflow.Tests.Engine;

public sealed class QuartzEngineTests : JobEngineContract
{
    private protected override IJobEngine Create() => new QuartzEngine(Home.Paths, Clock) { Log = TestContextLog };

    static void TestContextLog(string line) => Xunit.TestContext.Current.TestOutputHelper?.WriteLine(line);
}
