using System.Text;
using Workflow.Jobs;
using Xunit;

namespace Workflow.Tests.Jobs;

public sealed class YamlTextTests : IDisposable
{
    readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "1:1: found an empty file; expected a mapping")]
    [InlineData("- a\n- b", "1:1: found a list; expected a mapping")]
    [InlineData("job: [a", "found text that is not YAML")]
    [InlineData("job: a\njob: b\nstages: {}", "2:1 job: the key 'job' stands twice")]
    [InlineData("job: !!python/object a\nstages: {}", "1:6: found the tag 'tag:yaml.org,2002:python/object'")]
    [InlineData("job: a\n---\njob: b", "found a second YAML document")]
    [InlineData("job: *gone", "found the alias '*gone'")]
    [InlineData("job: &a [*a]", "found the alias '*a'")]
    [InlineData("? [a]\n: b", "1:3: found a list as a key; expected a name.")]
    public void Yaml_IsRefusedWithItsPlace_WhenItIsNoJob(string text, string expected) => Assert.Contains(expected, string.Join('\n', folder.Faults(text)));

    [Fact]
    public void Yaml_ReadsAliases_WhenTheyStayBounded()
    {
        var spec = folder.Read("""
            job: sample
            stages:
              documents: { uses: ingest, with: &w { files: [a.jsonl] } }
              more: { uses: ingest, with: *w }
            """, "stages.more.with.files=[b.jsonl]").Require();

        Assert.Equal(["a.jsonl"], ((SourceOptions)spec.Stages[0].Options).Files);
        Assert.Equal([Path.Combine(folder.Root, "b.jsonl")], ((SourceOptions)spec.Stages[1].Options).Files);
    }

    [Fact]
    public void Yaml_IsRefused_WhenAliasesExplode()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 12; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Assert.Contains("found more than 50000 values once aliases are expanded", folder.Faults(bomb.ToString())[0]);
    }

    [Fact]
    public void Yaml_IsRefused_WhenItIsNestedTooDeep() =>
        Assert.Contains("nested more than 32 deep", folder.Faults("job: " + new string('[', 5000) + new string(']', 5000))[0]);

    [Fact]
    public void Yaml_IsRefused_WhenTheFileIsHuge() =>
        Assert.Contains("found a file of more than 1024 KiB", folder.Faults("job: a\n#" + new string('x', 1 << 20))[0]);

    [Fact]
    public void Yaml_NamesTheLine_WhenBytesAreNotUtf8()
    {
        File.WriteAllBytes(Path.Combine(folder.Root, "jobs", "bad.yaml"), [.. "job: a\nstages: "u8, 0xC3, 0x28]);

        var faults = JobFileReader.Read("jobs/bad.yaml", SampleStage.Table, [], folder.Root).Faults;

        Assert.Equal("jobs/bad.yaml:2:1: found bytes that are not UTF-8; expected a UTF-8 text file.", Assert.Single(faults).ToString());
    }
}
