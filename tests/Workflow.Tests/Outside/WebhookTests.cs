using System.Text;
using System.Text.Json;
using FaultHost;
using Workflow.Outside;
using Xunit;

namespace Workflow.Tests.Outside;

public sealed class WebhookTests
{
    /// <summary>The example of the Standard Webhooks specification and of the libraries that verify it.</summary>
    [Fact]
    public void Signature_IsThatOfTheStandardsExample()
    {
        var time = new Fixed(DateTimeOffset.FromUnixTimeSeconds(1614265330));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost");
        WebhookSource.Sign(request, new OutsideMessage(1, "msg_p5jXN8AQM9LWM0D4loKWxJek", Encoding.UTF8.GetBytes("{\"test\": 2432232314}")), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", time);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Assert.Single(request.Headers.GetValues("webhook-signature")));
        Assert.Equal("1614265330", Assert.Single(request.Headers.GetValues("webhook-timestamp")));
    }

    [Fact]
    public async Task Run_TellsItsEndAndFailure_AndNotWhatWasNotAskedFor()
    {
        await using var receiver = new Receiver((_, _) => 200);
        receiver.Up();
        using var home = new OutsideHome($"sinks:\n- {{ name: hook, kind: webhook, url_env: HOOK_URL, secret_env: HOOK_SECRET, events: [run.ended, node.*] }}\n");
        home.Environment["HOOK_URL"] = receiver.Url;
        home.Environment["HOOK_SECRET"] = "plain";
        var run = await home.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "user" } }, TestContext.Current.CancellationToken);
        var told = receiver.All.Select(r => JsonDocument.Parse(r.Body).RootElement).ToList();
        Assert.Equal(["node.claimed", "node.failed", "run.ended"], told.Select(t => t.GetProperty("type").GetString()));
        Assert.Equal("user", told[1].GetProperty("data").GetProperty("kind").GetString());
        var end = told[^1].GetProperty("data");
        Assert.Equal((run.RunId, "failed", "three"), (end.GetProperty("run").GetString(), end.GetProperty("state").GetString(), end.GetProperty("job").GetString()));
        Assert.Contains("Row 7", end.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.All(receiver.All, r => Assert.StartsWith("v1,", r.Headers["webhook-signature"], StringComparison.Ordinal));
        Assert.All(receiver.All, r => Assert.Equal(r.Key, r.Headers["webhook-id"]));
        Assert.Equal("$HOOK_URL", Assert.Single(home.Sinks()).Target);
    }

    sealed class Fixed(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
