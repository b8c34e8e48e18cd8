using System.Text;
using Workflow.Outside;
using Xunit;

namespace Workflow.Tests.Outside;

public sealed class FileSinkTests : IDisposable
{
    readonly TestHome home = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => home.Dispose();

    [Theory]
    [InlineData("", "")]
    [InlineData("{\"n\":1}\n", "{\"n\":1}\n")]
    [InlineData("{\"n\":1}\n{\"n\":", "{\"n\":1}\n")]
    [InlineData("{\"n\":", "")]
    public async Task HalfLine_OfACrash_IsCutBeforeMoreIsWritten(string before, string kept)
    {
        var file = Path.Combine(home.Root, "deep", "lineage.jsonl");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, before, Cancellation);
        await using var sink = new FileSink(file);
        Assert.Equal(new Delivery(2, null), await sink.SendAsync([Message("{\"n\":2}"), Message("{\"n\":3}")], Cancellation));
        Assert.Equal(kept + "{\"n\":2}\n{\"n\":3}\n", await File.ReadAllTextAsync(file, Cancellation));
    }

    [Fact]
    public async Task LongHalfLine_IsFoundAcrossBlocks()
    {
        var file = Path.Combine(home.Root, "lineage.jsonl");
        await File.WriteAllTextAsync(file, "whole\n" + new string('x', 10_000), Cancellation);
        await using var sink = new FileSink(file);
        await sink.SendAsync([Message("{}")], Cancellation);
        Assert.Equal("whole\n{}\n", await File.ReadAllTextAsync(file, Cancellation));
    }

    [Fact]
    public async Task Folder_InTheWay_IsTold()
    {
        await using var sink = new FileSink(home.Root);
        var delivery = await sink.SendAsync([Message("{}")], Cancellation);
        Assert.Equal(0, delivery.Count);
        Assert.Contains(home.Root, delivery.Fault!.Message, StringComparison.Ordinal);
        Assert.False(delivery.Fault.Refused);
    }

    static OutsideMessage Message(string text) => new(1, "k", Encoding.UTF8.GetBytes(text));
}
