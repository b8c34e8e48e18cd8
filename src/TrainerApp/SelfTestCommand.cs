using System.CommandLine;
using System.Globalization;
using TorchSharp;

namespace TrainerApp;

/// <summary><c>selftest</c>: whether a device computes what the CPU computes, and does what training asks of it.</summary>
static class SelfTestCommand
{
    public static Command Build()
    {
        var (device, threads) = (SharedOptions.Device(), SharedOptions.Threads());
        var command = new Command("selftest", "Compare a device with the CPU: embeddings, gradients, steps, attention, memory, transfers") { device, threads };
        command.SetAction(parse =>
        {
            var place = SharedOptions.Find(parse.GetValue(device)!);
            torch.set_num_threads(parse.GetValue(threads));
            var failed = 0;
            foreach (var check in new SelfTest(place).Run())
            {
                failed += check.Passed ? 0 : 1;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(check.Passed ? "ok    " : "FAILED")}  {check.Name}: {check.Found}"));
            }

            Console.WriteLine(failed == 0 ? $"{place}: all checks passed" : $"{place}: {failed} checks FAILED");
            return failed == 0 ? 0 : 1;
        });
        return command;
    }
}
