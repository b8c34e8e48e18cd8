using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>The short form of every family of faults on Quartz.</summary>
public sealed class DurabilityQuartzTests
{
    public static TheoryData<string> Families => FaultFamilies.On("quartz");

    [Theory]
    [MemberData(nameof(Families))]
    public Task Family_ViolatesNothing(string family) => FaultFamilies.HoldsAsync(family, "quartz");
}
