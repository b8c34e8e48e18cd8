using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>The short form of every family of faults on the engine inside the process. The long form is the program in tests/Durability.</summary>
public sealed class DurabilityTests
{
    public static TheoryData<string> Families => FaultFamilies.On("inline");

    [Theory]
    [MemberData(nameof(Families))]
    public Task Family_ViolatesNothing(string family) => FaultFamilies.HoldsAsync(family, "inline");
}
