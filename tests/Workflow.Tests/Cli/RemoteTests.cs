using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>The command line with <c>--server</c> against a real host over HTTP.</summary>
public sealed class RemoteTests(RemoteHome home) : IClassFixture<RemoteHome>
{
    /// <summary>Read commands; FAILED and CHANGED stand for the runs' ids.</summary>
    public static TheoryData<string> Reads =>
    [
        "runs", "runs --json", "runs --limit 2 --json", "show last", "show last --json", "show CHANGED", "show CHANGED --json", "show FAILED", "show FAILED --json", "logs last", "logs last --json", "logs last --stage documents --limit 1", "logs last --follow", "logs FAILED --follow --json",
        "why CHANGED documents", "why CHANGED documents --json", "why FAILED documents --json", "lineage CHANGED/report --up", "lineage CHANGED/documents --down", "lineage CHANGED/report --json", "lineage CHANGED/report --format dot", "lineage CHANGED/report --format openlineage",
        "schedule list", "schedule list --all --json", "schedule show nightly", "schedule show nightly --json", "schedule show follow", "schedule next nightly", "schedule next weekly -n 3 --json", "slots", "slots --json", "slots show champion --json", "workers", "workers --json",
        "show nosuchrun", "logs 0", "why last nostage", "lineage nosuch.slot", "schedule show none", "schedule next follow", "slots show none",
    ];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_PrintsTheSameBytes_HereAndThere(string line)
    {
        var arguments = line.Replace("CHANGED", home.Changed).Replace("FAILED", home.Failed).Split(' ');
        var here = await home.HereAsync(arguments);
        var there = await home.ThereAsync(arguments);
        Assert.Equal((here.ExitCode, here.Output, here.Error), (there.ExitCode, there.Output, there.Error));
        Assert.NotEqual("", here.Output + here.Error);
    }
}
